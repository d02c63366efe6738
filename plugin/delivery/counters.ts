/**
 * What is counted for each destination. A record counts when its request is settled, not before: records =
 * mapped + filtered + unmapped + passed + deadLetters.
 */
const help = {
  requests: 'Requests to /map.',
  requestsRefused: 'Requests answered 503, to be repeated by the sender.',
  requestsOverLimit:
    'Requests answered 503 because as many bytes as may be were in flight (service.in_flight).',
  requestsUndecodable: 'Requests answered 4xx: no repeat of the same bytes would help.',
  records: 'Records of settled requests.',
  mapped: 'Records that gave at least one event.',
  filtered: 'Records that a prefilter with exclude took out.',
  unmapped: 'Records that no mapping was for, dropped.',
  passed: 'Records that no mapping was for, sent as they are.',
  deadLetters: 'Records that could not become an event, set aside.',
  events: 'Events made from records.',
  decodedEvents:
    'Events made of decoded values: they take five to ten times as much CPU as those that are written from bytes to bytes (docs/performance.md).',
  eventsAcked: 'Events and dead letters that Fluent Bit acknowledged.',
  eventsRepeated: 'Events of a repeated request that were acknowledged before and not sent again.',
  messages: 'Forward messages sent to Fluent Bit.',
  messagesAcked: 'Forward messages that Fluent Bit acknowledged.',
  batches: 'Batches begun: each is a request to the SIEM, of Fluent Bit or of the gate.',
  receivedBytes: 'Bytes of bodies to /map, unpacked.',
  forwardedBytes: 'Bytes of forward messages sent to Fluent Bit.',
  deliveredBytes: 'Bytes of bodies that the gate sent to the SIEM, before they were packed.',
  failedValues: 'Values left out because they could not be computed or rendered.',
  shortenedValues: 'Values cut to the length that their key, or the whole event, may have.',
  mistypedValues: 'Values that are not what their CEF key is for.',
  clampedSeverities: 'Severities outside the range of the format, moved to its nearest end.',
  deliveries: 'Requests of the gate to the SIEM.',
  delivered: 'Events that the SIEM took from the gate.',
  undeliverable:
    'Events that the gate set aside: refused by the SIEM, expired, or of a time it does not take.',
  expired: 'Events whose time was over before the SIEM took them, set aside.',
  restamped: 'Events sent with the time of sending, their own kept beside it.',
  held: 'Batches that the gate turned away, to knock again.',
} as const;

/** Why records became dead letters, by the reason in `/metrics`. Their sum is deadLetters and undeliverable. */
export const deadLetterReasons = {
  deadUndecodable: 'undecodable',
  deadTooLarge: 'too_large',
  deadRefused: 'refused',
  deadExpired: 'expired',
  deadEventTime: 'event_time',
} as const;

export type CounterName = keyof typeof help | keyof typeof deadLetterReasons;

export const counterHelp: Readonly<Record<keyof typeof help, string>> = help;

export type Counts = Readonly<Partial<Record<CounterName, number>>>;

/** The counters of one destination. */
export class Counters {
  readonly #values = new Map<CounterName, number>();

  add(name: CounterName, amount = 1): void {
    this.#values.set(name, this.get(name) + amount);
  }

  addAll(amounts: Counts): void {
    for (const [name, amount] of Object.entries(amounts)) this.add(name as CounterName, amount);
  }

  get(name: CounterName): number {
    return this.#values.get(name) ?? 0;
  }

  /** What was counted since the last time, to be added up elsewhere; undefined for nothing. */
  drain(): Counts | undefined {
    if (this.#values.size === 0) return undefined;
    const counts = Object.fromEntries(this.#values);
    this.#values.clear();
    return counts;
  }
}
