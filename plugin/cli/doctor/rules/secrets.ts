import { isSecretAddress, isSecretName } from '../../../mapping/secret-name.ts';
import { isLocal } from '../../../mapping/units.ts';
import { isOn, type Property, type Section } from '../configuration.ts';
import type { Installation, Rule } from '../installation.ts';
import { outputsThatMatter } from './outputs.ts';

/** Outputs by name that speak HTTP or TCP to a SIEM. */
const networked = new Set([
  'http',
  'splunk',
  'datadog',
  'nrlogs',
  'es',
  'opensearch',
  'syslog',
  'azure_logs_ingestion',
]);

/** Who may read a secret. */
export const secretRules: readonly Rule[] = [
  {
    code: 'D601',
    severity: 'warning',
    title: 'a secret stands in the file',
    reason: 'configuration is copied, sent and kept in version control; the environment is not',
    check: ({ processes }, report) => {
      const sections = processes.flatMap(({ service, inputs, filters, outputs }) => [
        service,
        ...inputs,
        ...filters,
        ...outputs,
      ]);
      for (const property of sections.flatMap(({ properties }) => properties)) {
        const name = secretIn(property);
        if (name === undefined) continue;
        // The line would show it.
        const place = { ...property.place, source: '' };
        report(place, `the value of ${name} is written out`, 'write ${NAME} and set it in the environment');
      }
    },
  },
  {
    code: 'D602',
    severity: 'warning',
    title: 'events cross the network in clear text',
    reason: 'the credentials with them',
    check: (installation, report) => {
      for (const { output } of remote(installation)) {
        if (output.isOpen('tls') || isOn(output.value('tls'))) continue;
        const hint = 'write tls on; syslog needs Mode tls, too';
        report(output.at('tls'), 'events and credentials go in clear text', hint);
      }
    },
  },
  {
    code: 'D603',
    severity: 'warning',
    title: 'nobody checks who answers',
    reason: 'with `tls.verify off` anyone on the way can take the place of the SIEM',
    check: (installation, report) => {
      for (const { output } of remote(installation)) {
        const verify = output.value('tls.verify');
        if (verify === undefined || isOn(verify)) continue;
        const hint = 'write tls.verify on, and tls.ca_file for an authority of your own';
        report(output.at('tls.verify'), 'it takes any certificate', hint);
      }
    },
  },
];

/** The name of the key or header when its value is written out. */
function secretIn({ key, text }: Property): string | undefined {
  // Some of the value may be from elsewhere: `Splunk ${TOKEN}`.
  if (text === '' || /\$\{[^}]+\}/.test(text)) return undefined;
  if (key === 'uri') return isSecretAddress(text) ? 'uri' : undefined;
  if (key !== 'header') return isSecretName(key) ? key : undefined;
  const [name = '', ...value] = text.split(/\s+/);
  return value.length > 0 && isSecretName(name) ? `header ${name}` : undefined;
}

/** Outputs that leave this machine, as far as can be known. */
function remote(installation: Installation): { output: Section }[] {
  return outputsThatMatter(installation).filter(({ output }) => {
    if (!networked.has(output.plugin) || !output.property('host')) return false;
    return output.isOpen('host') || !isLocal({ host: output.value('host')!, port: 0 });
  });
}
