//! Engine, lanes, matching and store in one seeded world.
