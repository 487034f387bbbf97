// npm start: everything from a fresh clone to a running exporter, and the Grafana app to look at what it measures.
import { launch } from './launch.mjs';

await launch('serve');
