// Jest setup provided by Grafana scaffolding
import './.config/jest-setup';

// jsdom draws nothing. Grafana's comboboxes ask how wide their options are, and its charts for a context to draw in.
HTMLCanvasElement.prototype.getContext = () => ({ measureText: (text) => ({ width: text.length * 7 }) });
