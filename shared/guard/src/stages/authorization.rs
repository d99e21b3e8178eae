//! Stage 7: permission and assurance level.

use bk_kernel::{Aal, Code};

use crate::{Access, Assurance, Policy, Problem, request_state::RequestState};

/// Whether the actor may use the route.
///
/// Fails with [`Code::Forbidden`] without the permission, then with [`Code::StepUpRequired`] when the
/// session has not shown the second factor that the policy asks for.
pub(crate) fn check(state: &RequestState, policy: &Policy) -> Result<(), Problem> {
    let Some(actor) = &state.actor else { return Ok(()) };
    if let Access::Permission(permission) = policy.access
        && !actor.permissions.contains(permission.key)
    {
        return Err(Problem::new(Code::Forbidden));
    }
    let assured = match policy.assurance {
        Assurance::Aal1 => true,
        Assurance::Aal2 => actor.aal() == Aal::Aal2,
        Assurance::StepUp => actor.stepped_up(state.at),
    };
    if assured { Ok(()) } else { Err(Problem::new(Code::StepUpRequired)) }
}
