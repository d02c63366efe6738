import { effect, signal } from '@preact/signals';

const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const key = 'theme';

/** What the page looks like: as the system does, unless someone chose. */
export const theme = signal<Theme>(kept());

/** Whether it is dark now, by choice or by the system. For what is drawn and not styled. */
export const isDark = signal(false);

const systemIsDark = matchMedia('(prefers-color-scheme: dark)');

effect(() => {
  const chosen = theme.value;
  if (chosen === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
  isDark.value = chosen === 'dark' || (chosen === 'system' && systemIsDark.matches);
});
systemIsDark.addEventListener('change', ({ matches }) => {
  if (theme.value === 'system') isDark.value = matches;
});

/** The next one, which is kept for the next visit. */
export function nextTheme(): void {
  const next = themes[(themes.indexOf(theme.value) + 1) % themes.length]!;
  theme.value = next;
  try {
    localStorage.setItem(key, next);
  } catch {
    // A browser that keeps nothing: it holds until the page is left.
  }
}

function kept(): Theme {
  try {
    return themes.find((one) => one === localStorage.getItem(key)) ?? 'system';
  } catch {
    return 'system';
  }
}
