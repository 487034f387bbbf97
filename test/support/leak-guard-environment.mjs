import { setTimeout as delay } from 'node:timers/promises';
import { TestEnvironment } from 'jest-environment-node';

const watched = ['TCPSocketWrap', 'TCPServerWrap', 'ProcessWrap', 'Timeout'];

/** How many sockets, servers, processes and timers are open. */
function openResources() {
  const open = process.getActiveResourcesInfo();
  return new Map(watched.map((name) => [name, open.filter((other) => other === name).length]));
}

/** Fails a test file that leaves something open: looked at after its last hook, which `afterAll` could not. */
export default class LeakGuardEnvironment extends TestEnvironment {
  #before = new Map();
  #hasFailure = false;

  async handleTestEvent(event) {
    if (event.name === 'run_start') this.#before = openResources();
    if (event.name === 'test_done') this.#hasFailure ||= event.test.errors.length > 0;
    // A test that fails may leave its servers; what it says is worth more than that.
    if (event.name === 'run_finish' && !this.#hasFailure) await this.#refuseLeaks();
  }

  async #refuseLeaks() {
    for (let attempt = 0; ; attempt += 1) {
      const left = [...openResources()].filter(([name, count]) => count > (this.#before.get(name) ?? 0));
      if (left.length === 0) return;
      // Sockets close a moment after their last word, timers of a client on a busy machine some seconds later.
      if (attempt === 150) throw new Error(`left open: ${left.map(([name, count]) => `${count} ${name}`).join(', ')}`);
      await delay(100);
    }
  }
}
