// The part of ECharts that Loopr draws with, as one global. Loaded on pages with a chart only.
import { init, use, getInstanceByDom } from 'echarts/core';
import { BarChart, HeatmapChart, LineChart } from 'echarts/charts';
import {
  AriaComponent, CalendarComponent, GridComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent, VisualMapPiecewiseComponent,
} from 'echarts/components';
import { CanvasRenderer } from 'echarts/renderers';

use([
  AriaComponent, BarChart, CalendarComponent, CanvasRenderer, GridComponent, HeatmapChart, LineChart, MarkAreaComponent,
  MarkLineComponent, TooltipComponent, VisualMapPiecewiseComponent,
]);

globalThis.echarts = { init, getInstanceByDom, dispose: (chart) => chart.dispose() };
