// What the API says, for the service and for the page: types only.

/** `GET /api/session`. */
export interface SessionState {
  /** Whether what was sent with the request will not do. */
  readonly isNeeded: boolean;
  readonly isLoggedIn: boolean;
  /** What `service.auth.admin` holds; both false: everything is open. */
  readonly by: WaysIn;
}

export interface WaysIn {
  readonly token: boolean;
  readonly password: boolean;
}
