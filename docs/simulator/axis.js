// Time as it is drawn: long waits are shortened, so that what happens at once stays apart.

/** Makes an axis from 0 to `end` seconds. Its shares go from 0 to 1; `room` is the share that a short text needs. */
export function axis(moments, end, room) {
  const times = [...new Set([0, ...moments.map(({ at }) => at), end])].filter((at) => at <= end);
  const stops = [{ at: 0, share: 0 }];
  for (let index = 1; index < times.length; index += 1) {
    const { share } = stops[index - 1];
    stops.push({ at: times[index], share: share + Math.cbrt(times[index] - times[index - 1]) });
  }
  const whole = stops.at(-1).share || 1;
  for (const stop of stops) stop.share /= whole;
  return {
    stops,
    end,
    room,
    shareOf: (at) => between(stops, "at", "share", Math.max(0, Math.min(at, end))),
    timeOf: (share) => between(stops, "share", "at", share),
  };
}

/** Goes from one measure to the other along the stops. */
function between(stops, from, to, value) {
  const next = stops.findIndex((stop) => stop[from] >= value);
  if (next <= 0) return stops[next < 0 ? stops.length - 1 : 0][to];
  const [before, after] = [stops[next - 1], stops[next]];
  return before[to] + ((after[to] - before[to]) * (value - before[from])) / (after[from] - before[from]);
}
