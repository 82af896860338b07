//! The store traits on SQL databases, through sqlx.
