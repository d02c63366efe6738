import { signal } from '@preact/signals';

/** Whether the service asks for credentials: then the login form stands in the page's stead. */
export const needsLogin = signal(false);

/** The service said no, or did not answer. The message is for people. */
export class RequestError extends Error {
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}

/** Reads from the service. @throws RequestError */
export function get<Answer>(path: string): Promise<Answer> {
  return ask<Answer>('GET', path);
}

/** Has the service do something. @param content sent as JSON @param signal ends it @throws RequestError */
export function post<Answer>(path: string, content?: unknown, signal?: AbortSignal): Promise<Answer> {
  return ask<Answer>('POST', path, content, signal);
}

/** @throws RequestError */
export async function ask<Answer>(
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  content?: unknown,
  signal?: AbortSignal,
): Promise<Answer> {
  let response: Response;
  let answer: unknown;
  try {
    response = await fetch(path, {
      method,
      // With this one the service leaves the question for credentials to the page.
      headers: { 'x-requested-with': 'page', 'content-type': 'application/json' },
      ...(content !== undefined && { body: JSON.stringify(content) }),
      ...(signal && { signal }),
    });
    const text = await response.text();
    answer = text === '' ? undefined : JSON.parse(text);
  } catch {
    throw new RequestError('The service does not answer.');
  }
  if (response.ok) return answer as Answer;
  if (response.status === 401) needsLogin.value = true;
  const { message } = (answer ?? {}) as { message?: unknown };
  throw new RequestError(String(message ?? `The service answers ${response.status}.`), response.status);
}
