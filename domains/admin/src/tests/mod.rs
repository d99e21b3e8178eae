//! Sentences about the use cases, told to a real database.

mod kitchen;
mod roles;
mod routes;
mod settings;
mod tenants;
