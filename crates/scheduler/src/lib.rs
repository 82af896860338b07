//! When a cron or schedule fires next. Pure: no clock, no time zones from the operating system.
