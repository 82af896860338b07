//! Who is alive, and the ring that says who owns what.
