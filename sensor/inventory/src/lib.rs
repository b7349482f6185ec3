//! Which interfaces exist: sites, path templates, schemas, lifecycle.
