// The SDK's `timer` (modules/base/timer). Timers fire at or after their time, in order of time, each in its own turn.
import { machine } from "./machine";

type Callback = (timer: Timer) => void;

export default class Timer {
  private callback: Callback;
  private repeat: number | undefined;
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
    timer.stop();
    timer.repeat = repeat;
    if (interval !== undefined) timer.start(interval);
  }

  static clear(timer: Timer | undefined | null): void {
    timer?.stop();
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
    };
    this.running = { on, timer: on ? on.setTimer(fire, delay) : setTimeout(fire, delay) };
  }

  private stop(): void {
    const running = this.running;
    this.running = undefined;
    if (!running) return;
    if (running.on) running.on.clearTimer(running.timer);
    else clearTimeout(running.timer as NodeJS.Timeout);
  }
}
