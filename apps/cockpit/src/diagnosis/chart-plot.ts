import uPlot from 'uplot';
import type { Chart } from './charts.ts';

const colours = ['#6cb6ff', '#ffb454', '#7ee787', '#ff7b72', '#d2a8ff', '#e3e3a1', '#9ecbff'];
const axis = { stroke: '#c8d1d9', grid: { stroke: '#2a333c' }, ticks: { stroke: '#2a333c' } };

/** Draws a chart into `parent`, `widthPx` wide; gives the drawing, which the caller destroys. */
export function drawChart(chart: Chart, parent: HTMLElement, widthPx: number): uPlot {
  const series = chart.lines.map(({ label }, index) => ({
    label,
    stroke: colours[index % colours.length] ?? '#ffffff',
    width: 2,
    points: { size: 5 },
  }));
  const options: uPlot.Options = {
    title: `${chart.title} (${chart.unit})`,
    width: widthPx,
    height: 200,
    scales: { x: { time: false }, y: { range: { min: { soft: 0, mode: 1 }, max: {} } } },
    axes: [{ ...axis, values: (_plot, ticks) => ticks.map((tick) => `${tick} s`) }, axis],
    series: [{ label: 's' }, ...series],
  };
  return new uPlot(options, [chart.timesS, ...chart.lines.map(({ values }) => values)], parent);
}
