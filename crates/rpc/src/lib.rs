//! Service traits, local and remote clients, deadlines, and the one mapping from errors to gRPC.
