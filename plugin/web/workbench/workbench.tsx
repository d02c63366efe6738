import { useEffect } from 'preact/hooks';
import { MapPanel } from './map-panel.tsx';
import { isChanged, notice, start } from './model.ts';
import { RecordPanel } from './record-panel.tsx';
import { Results } from './results.tsx';
import './workbench.css';

/** A record, a map, and what every destination gets: all three in sight, and nothing is sent. */
export function WorkbenchView() {
  useEffect(() => void start(), []);
  useEffect(() => {
    const keep = (event: BeforeUnloadEvent): void => {
      if (isChanged.value) event.preventDefault();
    };
    addEventListener('beforeunload', keep);
    return () => removeEventListener('beforeunload', keep);
  }, []);
  return (
    <div class="bench">
      <div class="spread bench-title">
        <h1>Workbench</h1>
        <p class="hint" role="status">
          {notice.value || 'A record, a map, and what each SIEM would get.'}
        </p>
      </div>
      <div class="bench-grid">
        <RecordPanel />
        <MapPanel />
        <Results />
      </div>
    </div>
  );
}
