/** A pause that can be cut short, also before it begins. */
export class Alarm {
  #rung = false;
  #end: (() => void) | null = null;

  /** Waits for so long, or until `ring` is called, or not at all when it was called since the last pause. */
  async pause(milliseconds: number): Promise<void> {
    if (!this.#rung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        this.#end = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#end = null;
    }
    this.#rung = false;
  }

  ring(): void {
    this.#rung = true;
    this.#end?.();
  }
}
