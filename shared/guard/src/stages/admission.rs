//! Stage 7: permission and assurance level.

use bk_kernel::{Aal, Code};

use crate::{Access, Assurance, Policy, Problem, visit::Visit};

/// Refuses an actor without the permission, then one whose session is not sure enough.
pub(crate) fn check(visit: &Visit, policy: &Policy) -> Result<(), Problem> {
    let Some(actor) = &visit.actor else { return Ok(()) };
    if let Access::Permission(permission) = policy.access
        && !actor.permissions.contains(permission.key)
    {
        return Err(Problem::new(Code::Forbidden));
    }
    let sure = match policy.assurance {
        Assurance::Aal1 => true,
        Assurance::Aal2 => actor.aal() == Aal::Aal2,
        Assurance::StepUp => actor.stepped_up(visit.now),
    };
    if sure { Ok(()) } else { Err(Problem::new(Code::StepUpRequired)) }
}
