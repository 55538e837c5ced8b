//! The table of faults and policies, in a simulation.

use tent_testkit::matrix::Simulation;

tent_testkit::fault_matrix!(Simulation);
