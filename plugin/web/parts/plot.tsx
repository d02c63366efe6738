import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { shortNumber } from '../format.ts';
import { isDark } from '../theme.ts';

export interface Series {
  readonly label: string;
  /** Name of a colour of the stylesheet. */
  readonly colour: `--plot-${number}`;
  readonly values: readonly (number | null)[];
}

interface PlotProps {
  readonly title: string;
  readonly unit: string;
  /** Of the last point, epoch milliseconds. */
  readonly end: number;
  /** Milliseconds between two points. */
  readonly step: number;
  readonly series: readonly Series[];
  readonly format?: (value: number) => string;
}

const height = 150;
/** Seconds. */
const span = 3600;

/** A plot of the last hour. What it shows stands beside it as text: the newest values, or those under the pointer. */
export function Plot({ title, unit, end, step, series, format = shortNumber }: PlotProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  const dark = isDark.value;

  const length = Math.max(...series.map(({ values }) => values.length));
  const data = [
    Array.from({ length }, (_, index) => (end - (length - 1 - index) * step) / 1000),
    ...series.map(({ values }) => [...values]),
  ] as uPlot.AlignedData;

  // Made anew only when the colours are others.
  useEffect(() => {
    const element = place.current!;
    const colours = series.map(({ colour }) => resolved(element, colour));
    const options = optionsFor(element, series, colours, format, (index) => setPointed(index));
    const made = new uPlot({ ...options, width: element.clientWidth, height }, data, element);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
    };
  }, [dark]);

  // The newest point tells whether the others are new.
  useEffect(() => plot.current?.setData(data), [end, length]);

  const shownOf = (values: Series['values']): number | null | undefined =>
    pointed === null
      ? values.findLast((value) => value !== null)
      : values[pointed - (length - values.length)];
  const said = (value: number | null | undefined): string => (value == null ? '–' : format(value));
  return (
    <figure class="plot">
      <figcaption>
        <span class="title">
          {title} <span class="unit">{unit}</span>
        </span>
        <span class="legend">
          {series.map(({ label, colour, values }) => (
            <span key={label}>
              <span class="swatch" style={{ background: `var(${colour})` }} />
              {label} <b>{said(shownOf(values))}</b>
            </span>
          ))}
        </span>
      </figcaption>
      <div ref={place} class="canvas" aria-hidden="true" style={{ height: `${height}px` }} />
    </figure>
  );
}

function optionsFor(
  element: HTMLElement,
  series: readonly Series[],
  colours: readonly string[],
  format: (value: number) => string,
  onPoint: (index: number | null) => void,
): Omit<uPlot.Options, 'width' | 'height'> {
  const [text, line] = [resolved(element, '--muted'), resolved(element, '--line')];
  const font = `12px ${getComputedStyle(element).fontFamily}`;
  const axis = { stroke: text, font, ticks: { show: false }, grid: { stroke: line, width: 1 } };
  return {
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, y: false, points: { size: 7 } },
    padding: [8, 16, 0, 0],
    scales: {
      // The whole hour from the start: nothing moves when points come.
      x: { range: (_plot, _min, max) => [max - span, max] },
      y: { range: (_plot, _min, max) => [0, Math.max(1, max ?? 0) * 1.12] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 24,
        space: 60,
        values: (_plot, ticks) => ticks.map((tick) => hourAndMinute(tick)),
      },
      {
        ...axis,
        size: 56,
        space: 34,
        values: (_plot, ticks) => ticks.map((tick) => format(tick)),
      },
    ],
    series: [
      {},
      ...series.map(({ label }, index) => ({
        label,
        stroke: colours[index]!,
        width: 1.75,
        fill: index === 0 ? `color-mix(in srgb, ${colours[index]} 12%, transparent)` : undefined,
        points: { show: false },
        spanGaps: true,
      })),
    ] as uPlot.Series[],
    hooks: { setCursor: [(plot) => onPoint(plot.cursor.idx ?? null)] },
  };
}

/** What a colour of the stylesheet is now: a canvas knows no variables. */
function resolved(element: HTMLElement, name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

function hourAndMinute(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}
