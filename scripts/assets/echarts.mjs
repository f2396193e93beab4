// The part of ECharts that Loopr draws with, as one global. Loaded on pages with a chart only.
import { init, use, getInstanceByDom } from 'echarts/core';
import { BarChart, LineChart } from 'echarts/charts';
import { AriaComponent, GridComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent } from 'echarts/components';
import { CanvasRenderer } from 'echarts/renderers';

use([
  AriaComponent, BarChart, CanvasRenderer, GridComponent, LineChart, MarkAreaComponent, MarkLineComponent, TooltipComponent,
]);

globalThis.echarts = { init, getInstanceByDom, dispose: (chart) => chart.dispose() };
