import Time from "time";
import Timer from "timer";
import type { Tests } from "../tests";

/** `timer`: modules/base/timer (modTimer.c, lin/timer.c on the desktop, mc/timer.c on ESP32). */
export default function timers({ test, later }: Tests): void {
  later("a timer fires once, not before its time", (check, done) => {
    const start = Time.ticks;
    let fired = 0;
    Timer.set(() => {
      fired += 1;
      check.ok(Time.delta(start) >= 29, `fired after ${Time.delta(start)} ms`);
    }, 30);
    Timer.set(() => {
      check.equal(fired, 1);
      done();
    }, 120);
  });

  later("no timer fires inside the call that sets it", (check, done) => {
    let inside = true;
    Timer.set(() => {
      check.ok(!inside, "fired inside Timer.set");
      done();
    }, 0);
    inside = false;
  });

  later("timers fire in order of time, then of creation", (check, done) => {
    const order: string[] = [];
    Timer.set(() => order.push("60"), 60);
    Timer.set(() => order.push("20 first"), 20);
    Timer.set(() => order.push("20 second"), 20);
    Timer.set(() => {
      check.equal(order, ["20 first", "20 second", "60"]);
      done();
    }, 120);
  });

  later("the callback gets the timer that set returned", (check, done) => {
    const timer = Timer.set((given) => {
      check.ok(given === timer, "another object");
      done();
    }, 1);
  });

  later("a repeating timer fires until it is cleared, also from inside its callback", (check, done) => {
    let fired = 0;
    Timer.repeat((timer) => {
      fired += 1;
      if (fired === 3) Timer.clear(timer);
    }, 10);
    Timer.set(() => {
      check.equal(fired, 3);
      done();
    }, 150);
  });

  later("set with a repeat waits its first interval, then repeats", (check, done) => {
    const start = Time.ticks;
    const times: number[] = [];
    const timer = Timer.set(
      () => {
        times.push(Time.delta(start));
        if (times.length < 3) return;
        Timer.clear(timer);
        check.ok(times[0]! >= 299, `first after ${times[0]} ms`);
        // A busy computer is late; the first interval again, twice, would be later.
        check.ok(times[2]! - times[0]! < 500, `third after ${times[2]} ms`);
        done();
      },
      300,
      10,
    );
  });

  later("a timer cleared by another one that is due with it does not fire", (check, done) => {
    let fired = false;
    Timer.set(() => Timer.clear(second), 20);
    const second = Timer.set(() => {
      fired = true;
    }, 20);
    Timer.set(() => {
      check.ok(!fired, "fired");
      done();
    }, 80);
  });

  later("clear takes what is cleared, fired or undefined, in silence", (check, done) => {
    Timer.clear(undefined);
    const timer = Timer.set(() => check.fail("fired"), 10);
    Timer.clear(timer);
    Timer.clear(timer);
    const fired = Timer.set(() => {}, 0);
    Timer.set(() => {
      Timer.clear(fired);
      done();
    }, 40);
  });

  later("schedule moves a waiting timer, and stops it when no time is given", (check, done) => {
    const start = Time.ticks;
    let stopped = 0;
    const idle = Timer.set(() => {
      stopped += 1;
    }, 10);
    Timer.schedule(idle);
    const moved = Timer.set(() => {
      check.ok(Time.delta(start) >= 79, `fired after ${Time.delta(start)} ms`);
      check.equal(stopped, 0);
      Timer.schedule(idle, 5);
    }, 10);
    Timer.schedule(moved, 80);
    Timer.set(() => {
      check.equal(stopped, 1, "fired after it was scheduled again");
      done();
    }, 160);
  });

  later("a one-shot timer is gone once it fired: schedule throws", (check, done) => {
    const timer = Timer.set(() => {}, 0);
    Timer.set(() => {
      check.throws(() => Timer.schedule(timer, 5));
      done();
    }, 40);
  });

  later("a one-shot timer scheduled again inside its own callback does not fire again", (check, done) => {
    let fired = 0;
    Timer.set((timer) => {
      fired += 1;
      Timer.schedule(timer, 5);
    }, 0);
    Timer.set(() => {
      check.equal(fired, 1);
      done();
    }, 60);
  });

  later("a repeating timer changes its pace inside its callback", (check, done) => {
    const start = Time.ticks;
    let fired = 0;
    const timer = Timer.repeat(() => {
      fired += 1;
      if (fired === 1) Timer.schedule(timer, 60, 60);
      else {
        Timer.clear(timer);
        check.ok(Time.delta(start) >= 69, `second after ${Time.delta(start)} ms`);
        done();
      }
    }, 10);
  });

  test("a cleared timer cannot be scheduled", (check) => {
    const timer = Timer.set(() => check.fail("fired"), 5);
    Timer.clear(timer);
    check.throws(() => Timer.schedule(timer, 5));
  });

  test("ticks are whole milliseconds that do not go back", (check) => {
    const first = Time.ticks;
    const second = Time.ticks;
    check.equal(first, Math.floor(first));
    check.ok(Time.delta(first, second) < 1000, "went back");
    check.equal(Time.delta(5, 12), 7);
  });
}
