//! Internal jobs, run as an ordinary client of the frontend.
