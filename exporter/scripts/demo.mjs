// npm run demo: a fleet to look at, without a server to log in to. Its repository is its own: ./data/demo.
import { launch } from './launch.mjs';

await launch('demo');
