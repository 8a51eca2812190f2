//! Numbers, times and states in words.
