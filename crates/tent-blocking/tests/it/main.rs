//! The driver under the contract that every driver keeps, and what is its own.

mod cassette;
mod client;
mod contract;
mod environment;
mod faults;
