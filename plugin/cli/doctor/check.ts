import type { Diagnostics } from '../../mapping/diagnostic.ts';
import type { Installation } from './installation.ts';
import { rules } from './rules/index.ts';

/** Looks at a configuration by every rule. A line that several processes include is told of once. */
export function checkInstallation(installation: Installation, diagnostics: Diagnostics): void {
  const told = new Set<string>();
  for (const { code, severity, check } of rules) {
    check(installation, ({ source, ...place }, message, hint) => {
      const key = [code, place.file, place.line, place.column, message].join('\n');
      if (told.has(key)) return;
      told.add(key);
      diagnostics.add({ code, severity, ...place, message, hint, ...(source === '' ? {} : { source }) });
    });
  }
}
