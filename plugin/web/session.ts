import { signal } from '@preact/signals';
import type { SessionState } from '../http/api/types.ts';
import { ask, get, needsLogin } from './client.ts';

/** Whether someone has logged in with the form, and so can log out. */
const isLoggedIn = signal(false);

export const session = {
  isLoggedIn,

  /** Asks how it stands; the page shows the form, or itself, by that. */
  async refresh(): Promise<void> {
    const state = await get<SessionState>('api/session');
    isLoggedIn.value = state.isLoggedIn;
    needsLogin.value = state.isNeeded;
  },

  async end(): Promise<void> {
    await ask('DELETE', 'api/session').catch(() => {});
    await session.refresh().catch(() => {});
  },
};
