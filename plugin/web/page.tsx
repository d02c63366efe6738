import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { needsLogin } from './client.ts';
import { Login } from './parts/login.tsx';
import { path } from './router.ts';
import { session } from './session.ts';
import { nextTheme, theme } from './theme.ts';
import { type View, views } from './views/index.ts';

/** Header with the menu, and the view that the address names. */
export function Page() {
  const view = views.find((one) => one.path === path.value) ?? views[0]!;
  useEffect(() => void session.refresh().catch(() => {}), []);
  useEffect(() => {
    document.title = `${view.title} · fluent-bit-siem`;
  }, [view]);
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        Skip to content
      </button>
      <header class="top">
        <a class="brand" href="#/">
          <span class="mark" aria-hidden="true" />
          fluent-bit-siem
        </a>
        <nav aria-label="Views">
          {views.map((one) => (
            <a key={one.path} href={`#${one.path}`} aria-current={one === view ? 'page' : undefined}>
              {one.title}
            </a>
          ))}
        </nav>
        <span class="tools">
          <button type="button" class="quiet" onClick={nextTheme} title="Light, dark, or as the system">
            {{ system: 'Auto', light: 'Light', dark: 'Dark' }[theme.value]}
            <span class="hidden"> colours</span>
          </button>
          {session.isLoggedIn.value && (
            <button type="button" class="quiet" onClick={session.end}>
              Log out
            </button>
          )}
        </span>
      </header>
      <main id="main" tabIndex={-1}>
        {needsLogin.value ? <Login /> : <Shown key={view.path} view={view} />}
      </main>
    </>
  );
}

/** The view's part of the program may still be on its way. */
function Shown({ view }: { view: View }) {
  const [loaded, setLoaded] = useState<{ Component: ComponentType }>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    view.load().then(
      (Component) => setLoaded({ Component }),
      () => setProblem('This part of the page could not be fetched. Reload the page to try again.'),
    );
  }, [view]);
  if (problem !== undefined) return <p role="alert">{problem}</p>;
  return loaded ? <loaded.Component /> : null;
}
