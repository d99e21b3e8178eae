"""Real sessions for schemathesis, and bounds on what its calls may break.

Every operation is called by whom it is for: `/client` by a customer, `/admin` by an owner,
`/platform` by the operator, each with session cookie, CSRF token and Origin, as a browser would.

The calls go to the demo tenant BK_FUZZ_TENANT. Nothing is left out; what would take away the ground
under the other calls is aimed elsewhere:

- logging out, logging out everywhere and revoking sessions act for people who do nothing else, with
  a new session for each call;
- the ids of the people and tenants that the calls depend on are never in a path or body of a change:
  a path that names one gets the id of a tenant made for it, or of the driver's login;
- the operator's cookie is the admin cookie, so each request carries exactly one session.

A session that was ended all the same (a change of password, of a role, a displacement) is opened
again before the next call.
"""

import os
import threading

import requests
import schemathesis

BASE = os.environ["BK_FUZZ_URL"]
TENANT = os.environ.get("BK_FUZZ_TENANT", "northside")
PASSWORD = os.environ.get("BK_DEMO_PASSWORD", "demo-kitchen-please-change")
API = "/api/v1"

LOGIN = {
    "client": ("client", TENANT, f"client1@{TENANT}.test"),
    "admin": ("admin", TENANT, f"owner@{TENANT}.test"),
    "platform": ("admin", "platform", "operator@platform.test"),
    # Whose sessions may end.
    "leaving client": ("client", TENANT, f"client8@{TENANT}.test"),
    "leaving admin": ("admin", TENANT, f"kitchen@{TENANT}.test"),
}
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
# Changes that take a person or a tenant as the path's id.
PEOPLE = ("/admin/members/",)
TENANTS = ("/platform/tenants/",)


class Session:
    """One login, as a browser keeps it."""

    def __init__(self, name):
        self.surface, self.tenant, self.email = LOGIN[name]
        self.http = requests.Session()
        self.http.headers["origin"] = BASE
        answer = self.http.post(
            f"{BASE}{API}/{self.surface}/auth/login",
            json={"tenant": self.tenant, "email": self.email, "password": PASSWORD},
            timeout=20,
        )
        answer.raise_for_status()
        self.login = answer.json()
        self.csrf = self.login["csrf_token"]
        self.cookies = requests.utils.dict_from_cookiejar(self.http.cookies)

    def alive(self):
        answer = self.http.get(f"{BASE}{API}/{self.surface}/auth/me", timeout=20)
        return answer.status_code == 200

    def change(self, method, path, body):
        answer = self.http.request(
            method, f"{BASE}{API}{path}", json=body, headers={"x-csrf-token": self.csrf}, timeout=20
        )
        answer.raise_for_status()
        return answer.json()


class Sessions:
    """Logins by name, opened when they are first needed."""

    def __init__(self):
        self.open = {}
        self.doubtful = set()
        self.lock = threading.Lock()

    def get(self, name):
        with self.lock:
            session = self.open.get(name)
            if session is None or (name in self.doubtful and not session.alive()):
                session = self.open[name] = Session(name)
            self.doubtful.discard(name)
            return session

    def doubt(self, name):
        with self.lock:
            self.doubtful.add(name)


SESSIONS = Sessions()


def actor(case):
    """Who makes a call; none where nobody needs to."""
    path = case.operation.path.removeprefix(API)
    for surface in ("client", "admin", "platform"):
        if not path.startswith(f"/{surface}/"):
            continue
        ends = "/auth/logout" in path or ("/auth/sessions" in path and case.method.upper() != "GET")
        return f"leaving {surface}" if ends and surface != "platform" else surface
    return None


@schemathesis.auth(refresh_interval=None)
class Logins:
    """Session cookie and CSRF token of whoever the operation is for."""

    def get(self, case, _context):
        name = actor(case)
        return SESSIONS.get(name) if name else None

    def set(self, case, session, _context):
        if session is None:
            return
        case.cookies = {**(case.cookies or {}), **session.cookies}
        if case.method.upper() in UNSAFE:
            case.headers["x-csrf-token"] = session.csrf


def expendable():
    """Ids that a change may be aimed at, and those that it may not."""
    admin, operator = SESSIONS.get("admin"), SESSIONS.get("platform")
    made = operator.change(
        "POST",
        "/platform/tenants",
        {
            "slug": "fuzzed-kitchen",
            "name": "Fuzzed Kitchen",
            "country": "AU",
            "currency": "AUD",
            "time_zone": "Australia/Perth",
            "owner": {"email": "owner@fuzzed.test", "display_name": "Nobody's Owner"},
        },
    )
    members = admin.http.get(f"{BASE}{API}/admin/members?limit=100", timeout=20).json()["items"]
    people = {member["email"].split("@")[0]: member["id"] for member in members}
    return {
        "tenant": made["id"],
        "person": people["driver"],
        "kept": {admin.login["tenant"]["id"], operator.login["tenant"]["id"], *people.values()}
        - {people["driver"]},
    }


EXPENDABLE = None
EXPENDABLE_LOCK = threading.Lock()


@schemathesis.hook
def before_call(_context, case, _kwargs):
    global EXPENDABLE
    case.headers["origin"] = BASE
    path = case.operation.path.removeprefix(API)
    name = actor(case) or ""
    if name.startswith("leaving ") and set(case.cookies or {}) & set(SESSIONS.get(name).cookies):
        # Opened now: cases are made long before they are sent, and the newest five sessions live.
        session = Session(name)
        case.cookies = {**case.cookies, **session.cookies}
        if "x-csrf-token" in case.headers:
            case.headers["x-csrf-token"] = session.csrf
    if case.method.upper() not in UNSAFE or not path.startswith(PEOPLE + TENANTS):
        return
    with EXPENDABLE_LOCK:
        EXPENDABLE = EXPENDABLE or expendable()
    target = EXPENDABLE["tenant" if path.startswith(TENANTS) else "person"]
    for key, value in (case.path_parameters or {}).items():
        if str(value) in EXPENDABLE["kept"]:
            case.path_parameters[key] = target


@schemathesis.hook
def after_call(_context, case, response):
    """A refusal may mean that the session is over: asked before the next call."""
    name = actor(case)
    if name and response.status_code == 401:
        SESSIONS.doubt(name)
