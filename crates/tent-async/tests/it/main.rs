//! The driver under the contract that every driver keeps.

mod contract;
