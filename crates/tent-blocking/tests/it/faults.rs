//! The table of faults and policies, over real sockets.

use tent_testkit::matrix::Sockets;

use crate::contract::Blocking;

tent_testkit::fault_matrix!(Sockets<Blocking>);
