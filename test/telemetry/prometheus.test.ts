import { describe, expect, test } from 'vitest';
import { durationBounds } from '../../plugin/delivery/histogram.ts';
import { toPrometheus } from '../../plugin/telemetry/prometheus.ts';
import { parsePrometheus } from '../prometheus.ts';

test('a counter, with a unit and without; what is in a label is escaped', () => {
  const text = toPrometheus([
    {
      name: 'a.requests',
      type: 'counter',
      unit: '{request}',
      help: 'Some.',
      points: [{ labels: { 'b.c': 'x"\\\ny' }, value: 1 }],
    },
    { name: 'a.sent', type: 'counter', unit: 'By', help: 'Bytes.', points: [{ labels: {}, value: 0.5 }] },
    { name: 'a.seen_bytes', type: 'gauge', unit: 'By', help: 'Bytes.', points: [] },
  ]);
  expect(text).toBe(
    [
      '# HELP a_requests_total Some.',
      '# TYPE a_requests_total counter',
      'a_requests_total{b_c="x\\"\\\\\\ny"} 1',
      '# HELP a_sent_bytes_total Bytes.',
      '# TYPE a_sent_bytes_total counter',
      'a_sent_bytes_total 0.5',
      '# HELP a_seen_bytes Bytes.',
      '# TYPE a_seen_bytes gauge',
      '',
    ].join('\n'),
  );
  expect(parsePrometheus(text)[0]!.labels).toEqual({ b_c: 'x"\\\ny' });
});

test('a histogram adds its buckets up', () => {
  const counts = [...durationBounds.map((_, index) => (index < 2 ? index + 1 : 0)), 4];
  const text = toPrometheus([
    {
      name: 'x.duration',
      type: 'histogram',
      unit: 's',
      help: 'X.',
      points: [{ labels: { route: '/map' }, value: { counts, sum: 99.5 } }],
    },
  ]);
  const samples = parsePrometheus(text);
  const bucket = (le: string) => samples.find(({ labels }) => labels.le === le)?.value;
  expect([bucket('0.005'), bucket('0.01'), bucket('60'), bucket('+Inf')]).toEqual([1, 3, 3, 7]);
  expect(samples.slice(-2)).toEqual([
    { name: 'x_duration_seconds_sum', labels: { route: '/map' }, value: 99.5 },
    { name: 'x_duration_seconds_count', labels: { route: '/map' }, value: 7 },
  ]);
});

describe('the parser that the tests read it with refuses', () => {
  const head = '# HELP a A.\n# TYPE a counter\n';
  test.each([
    ['no line feed at the end', 'a 1'],
    ['a sample without a family', 'a 1\n'],
    ['a sample of another family', `${head}b 1\n`],
    ['a family twice', `${head}a 1\n${head}`],
    ['a sample twice', `${head}a{x="1"} 1\na{x="1"} 2\n`],
    ['an unescaped quote', `${head}a{x="1"2"} 1\n`],
    ['no number', `${head}a NaNa\n`],
    [
      'shrinking buckets',
      '# HELP h H.\n# TYPE h histogram\nh_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n',
    ],
    ['no last bucket', '# HELP h H.\n# TYPE h histogram\nh_bucket{le="1"} 2\nh_sum 1\nh_count 2\n'],
    ['another count', '# HELP h H.\n# TYPE h histogram\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 2\n'],
  ])('%s', (_, text) => {
    expect(() => parsePrometheus(text)).toThrow();
  });
});
