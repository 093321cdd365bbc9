//! The clients of AWS: the only implementations of the services' traits that ship.

mod iam;
mod link;
mod organization;
mod trail;

pub(super) use iam::IamClient;
pub(super) use link::Link;
pub(super) use organization::OrganizationClient;
pub(super) use trail::TrailClient;
