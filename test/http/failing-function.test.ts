import { afterEach, expect, test, vi } from 'vitest';
import { compileMapper } from '../../plugin/compile/mapper.ts';
import { Diagnostics } from '../../plugin/mapping/diagnostic.ts';
import type { MappingFunction } from '../../plugin/mapping/functions/types.ts';
import { readMappingFile } from '../../plugin/mapping/mapping-file.ts';
import { builtInContext } from '../../plugin/mapping/value.ts';
import { Service } from './helpers.ts';

const department: MappingFunction = {
  name: 'department',
  description: '',
  parameters: [{ name: 'user' }],
  example: { args: [], result: undefined },
  call: (user) => {
    throw new Error(`no department for ${user}`);
  },
};
const mapping = `
mappings:
  - id: '*'
    map:
      eventClass: Auth
      eventName: login
      severity: 3
      extension: { suser: $user, cs1: { call: department, args: [$user] }, cs1Label: Department }
`;

afterEach(() => vi.useRealTimers());

test('a mapping function that fails is logged by its name once a minute, and its value is left out', async () => {
  const service = await Service.start();
  try {
    const context = { ...builtInContext, functions: new Map([[department.name, department]]) };
    const set = readMappingFile('map.yaml', mapping, new Diagnostics(), {}, context)!;
    const { destination } = service;
    destination.apply({ ...destination.compiled, map: compileMapper([set]) }, destination.forward);
    const warnings = () => service.log.filter((line) => line.function === 'department');

    vi.useFakeTimers({ toFake: ['performance'] });
    for (let request = 0; request < 5; request++) {
      expect((await service.map([{ user: 'ana' }, { user: 'ben' }])).status).toBe(200);
    }
    expect(warnings()).toHaveLength(1);
    expect(JSON.stringify(service.log)).not.toContain('ana');
    expect(service.destination.counters.get('failedValues')).toBe(10);
    expect(JSON.stringify(service.delivery.records)).not.toContain('cs1');

    vi.advanceTimersByTime(60_000);
    await service.map([{ user: 'ana' }]);
    expect(warnings()).toHaveLength(2);
  } finally {
    await service.stop();
  }
});
