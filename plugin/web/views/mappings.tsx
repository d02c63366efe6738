import { useEffect, useState } from 'preact/hooks';
import type { DestinationMappings, MappingFileState, Mappings } from '../../http/api/types.ts';
import { get, needsLogin } from '../client.ts';
import { clock, number } from '../format.ts';

/** Milliseconds between two looks. */
const every = 5000;

/** The maps in use, how many records each has matched, and which records none did. */
export function MappingsView() {
  const [answer, setAnswer] = useState<Mappings>();
  const [problem, setProblem] = useState('');
  useEffect(() => {
    const ask = (): void => {
      if (document.hidden || needsLogin.value) return;
      get<Mappings>('api/mappings').then(
        (mappings) => {
          setAnswer(mappings);
          setProblem('');
        },
        (error: Error) => setProblem(error.message),
      );
    };
    ask();
    const timer = setInterval(ask, every);
    return () => clearInterval(timer);
  }, []);
  return (
    <div class="stack">
      <div class="spread">
        <h1>Mappings</h1>
        <p class="hint">
          {answer?.configuration
            ? `Loaded ${clock(answer.configuration.loadedAt)}; records counted since ${clock(answer.startedAt)}`
            : ''}
        </p>
      </div>
      <p role="alert" class="problem">
        {problem}
      </p>
      {answer?.configuration?.error && (
        <section class="notice bad">
          <h2>The changed configuration has errors, and is not in use</h2>
          <pre class="text">{answer.configuration.error.findings.join('\n\n')}</pre>
        </section>
      )}
      {answer?.destinations.map((one) => (
        <Destination key={one.name} one={one} />
      ))}
    </div>
  );
}

function Destination({ one }: { one: DestinationMappings }) {
  const { name, format, files } = one;
  const mappings = files.flatMap((file) => file.mappings);
  const idle = mappings.filter(({ matched }) => matched === 0).length;
  return (
    <section class="card stack" aria-labelledby={`maps-${name}`}>
      <div class="spread">
        <h2 id={`maps-${name}`}>
          {name} <span class="hint">{format}</span>
        </h2>
        <p class="hint">
          {number(mappings.length)} mappings in {files.length === 1 ? '1 file' : `${files.length} files`}
          {idle > 0 && `, ${number(idle)} never matched`}
        </p>
      </div>
      <Unmapped one={one} />
      {files.map((file) => (
        <File key={file.file} file={file} />
      ))}
    </section>
  );
}

/** What an administrator may want a mapping for. */
function Unmapped({ one: { unmappedKinds, unmapped, name } }: { one: DestinationMappings }) {
  if (unmappedKinds.length === 0) return null;
  return (
    <section class="notice warn" aria-label={`Records of ${name} that no mapping is for`}>
      <h3>
        No mapping is for these records; they are {unmapped === 'drop' ? 'dropped' : 'sent as they are'}
      </h3>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Type</th>
              <th scope="col">Tag</th>
              <th scope="col" class="number">
                Records
              </th>
            </tr>
          </thead>
          <tbody>
            {unmappedKinds.map(({ id, tag, count }) => (
              <tr key={`${tag}\n${id}`}>
                <td class="words">{id || '(none)'}</td>
                <td class="words">{tag || '(none)'}</td>
                <td class="number">{number(count)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function File({ file: { file, match, digest, mappings } }: { file: MappingFileState }) {
  const matched = mappings.reduce((sum, one) => sum + one.matched, 0);
  return (
    <details class="file">
      <summary>
        <span class="words name">{file}</span>
        <span class="hint">
          for tag <code>{match}</code>
        </span>
        <span class={matched === 0 ? 'number never' : 'number'}>
          {matched === 0 ? 'never matched' : `${number(matched)} records`}
        </span>
      </summary>
      <p class="hint words">sha256 {digest}</p>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col" class="number">
                Line
              </th>
              <th scope="col">Type</th>
              <th scope="col">Only when</th>
              <th scope="col" class="number">
                Records
              </th>
            </tr>
          </thead>
          <tbody>
            {mappings.map((one) => (
              <tr key={one.line} class={one.matched === 0 ? 'idle' : ''}>
                <td class="number">{one.line}</td>
                <td class="words">{one.ids[0] === '*' ? 'every other' : one.ids.join(', ')}</td>
                <td class="words">
                  {one.prefilter.join(', ')}
                  {one.exclude && one.prefilter.length > 0 && ' (filtered out)'}
                </td>
                <td class={one.matched === 0 ? 'number never' : 'number'}>
                  {one.matched === 0 ? 'never' : number(one.matched)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
