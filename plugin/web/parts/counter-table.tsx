import { number } from '../format.ts';

/** What each number means, in the order of a record's way; those not named here follow below. */
const rows: readonly (readonly [name: string, text: string])[] = [
  ['records', 'Records taken'],
  ['mapped', 'Mapped to events'],
  ['passed', 'Sent as they are (unmapped: pass)'],
  ['filtered', 'Filtered out by a prefilter'],
  ['unmapped', 'Unmapped, dropped'],
  ['events', 'Events made'],
  ['eventsAcked', 'Acknowledged by Fluent Bit'],
  ['deliveries', 'Requests to the SIEM'],
  ['delivered', 'Taken by the SIEM'],
  ['held', 'Batches turned away, to come again'],
  ['deadLetters', 'Dead letters: could not become an event'],
  ['undeliverable', 'Dead letters: refused by the SIEM, or too old'],
  ['expired', 'of these: expired'],
  ['restamped', 'Sent with the time of sending'],
  ['requests', 'Requests of collectors'],
  ['requestsRefused', 'of these: to be repeated (503)'],
  ['requestsOverLimit', 'of these: too much in flight'],
  ['requestsUndecodable', 'of these: can not be decoded (4xx)'],
  ['eventsRepeated', 'Events not sent twice'],
  ['failedValues', 'Values left out'],
  ['shortenedValues', 'Values cut to their limit'],
  ['mistypedValues', 'Values not of the type of their key'],
  ['clampedSeverities', 'Severities moved into range'],
];

/** All that is counted, folded away. */
export function CounterTable({ counters }: { counters: Readonly<Record<string, number>> }) {
  return (
    <details class="counters">
      <summary>All counters</summary>
      <dl>
        {rows
          .filter(([name]) => counters[name] !== undefined)
          .map(([name, text]) => (
            <div key={name}>
              <dt>{text}</dt>
              <dd class="number">{number(counters[name]!)}</dd>
            </div>
          ))}
      </dl>
    </details>
  );
}
