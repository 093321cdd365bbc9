//! Words that noise is made of. None of them is a part of any credential's name.

pub(crate) const WORDS: &[&str] = &[
    "account", "adapter", "archive", "backup", "batch", "bridge", "buffer", "bundle", "cache", "channel",
    "client", "cluster", "column", "compile", "context", "counter", "cursor", "deploy", "digest", "driver",
    "editor", "engine", "entry", "event", "factory", "filter", "folder", "format", "gateway", "handler",
    "header", "index", "inner", "journal", "kernel", "latency", "layer", "ledger", "library", "listener",
    "loader", "lookup", "manager", "matrix", "memory", "message", "metric", "mirror", "module", "network",
    "notify", "number", "object", "offset", "option", "orders", "output", "packet", "parser", "payment",
    "pipeline", "planner", "policy", "pool", "process", "profile", "queue", "reader", "record", "region",
    "render", "report", "request", "resolve", "retry", "router", "runner", "sample", "scale", "schema",
    "server", "service", "shard", "signal", "socket", "source", "stage", "storage", "stream", "table",
    "target", "thread", "ticket", "tracker", "update", "vector", "volume", "window", "worker", "writer",
];

pub(crate) const REGIONS: &[&str] =
    &["us-east-1", "us-west-2", "eu-central-1", "eu-west-1", "ap-southeast-2"];
