// The SDK's `timer` (modules/base/timer). Timers fire at or after their time, in order of time, each in its own turn.
// As there: a timer that was cleared, or that fired and does not repeat, is gone. `schedule` on it throws; `schedule`
// inside a one-shot timer's own callback without a repeat is lost (tests/xs/contract/timers.ts).
import { machine } from "./machine";

type Callback = (timer: Timer) => void;

export default class Timer {
  private callback: Callback;
  /** Milliseconds between repetitions, 0 for a one-shot timer, undefined while stopped. */
  private repeat: number | undefined;
  private gone = false;
  private running: { on: ReturnType<typeof machine>; timer: unknown } | undefined;

  private constructor(callback: Callback) {
    this.callback = callback;
  }

  static set(callback: Callback, interval = 0, repeat = 0): Timer {
    const timer = new Timer(callback);
    Timer.schedule(timer, interval, repeat);
    return timer;
  }

  static repeat(callback: Callback, interval: number): Timer {
    return Timer.set(callback, interval, interval);
  }

  static schedule(timer: Timer, interval?: number, repeat?: number): void {
    if (timer.gone) throw new Error("the timer is gone");
    timer.stop();
    timer.repeat = interval === undefined ? undefined : (repeat ?? 0);
    if (interval !== undefined) timer.start(interval);
  }

  static clear(timer: Timer | undefined | null): void {
    timer?.end();
  }

  static delay(_milliseconds: number): void {
    throw new Error("Timer.delay blocks the device: do not use it");
  }

  private start(delay: number): void {
    const on = machine();
    const fire = () => {
      this.running = undefined;
      if (this.repeat) this.start(this.repeat);
      this.callback(this);
      if (this.repeat === 0) this.end();
    };
    this.running = { on, timer: on ? on.setTimer(fire, delay) : setTimeout(fire, delay) };
  }

  private end(): void {
    this.stop();
    this.gone = true;
  }

  private stop(): void {
    const running = this.running;
    this.running = undefined;
    if (!running) return;
    if (running.on) running.on.clearTimer(running.timer);
    else clearTimeout(running.timer as NodeJS.Timeout);
  }
}
