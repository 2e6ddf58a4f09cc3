// Mutants that no test can tell from the program, each with the reason. They are named by what the code says, not by
// where it stands; one that is not found any more fails the lane.

const BEHIND_THE_END = "behind the end there is nothing, and nothing is neither less nor more";
const NOBODY_FOLLOWS = "nobody follows how far this packet has come, and who writes it does not ask";
const ONLY_A_LOG_LINE = "only a line of the log hangs on it; it is asked in any case";

/** By file: member, code, what it becomes, why nobody can tell. @type {Record<string, [string, string, string, string][]>} */
export const EQUIVALENT = {
  "modules/configuration/settings-codec.ts": [
    ["checkHosts", "1", "(2)", "one name too many or two: both are refused"],
  ],
  "modules/journal/journal-state.ts": [
    ["keep", "first - 1", "first + 1", "two ranges beside each other count as one does"],
    [
      "dropThrough",
      "this.#kept.length > 0",
      "this.#kept.length >= 0",
      "there is no first range to compare then",
    ],
    ["dropThrough", "0", "(1)", "ranges are pairs: one number alone there never is"],
  ],
  "modules/journal/record-scanner.ts": [
    ["#damaged", "false", "true", "start sets it before anything is read"],
    ["next", "0", "(1)", "no record is that short"],
    ["fill", "at >= this.#windowAt", "at > this.#windowAt", "the same bytes are read once more"],
    ["fill", "needed <= this.#windowEnd", "needed < this.#windowEnd", "the same bytes are read once more"],
  ],
  "modules/journal/sector-survey.ts": [
    [
      "surveySectors",
      "WEIGHT[header] > WEIGHT[reason]",
      "WEIGHT[header] >= WEIGHT[reason]",
      "each reason has a weight of its own: with an equal one it is the same",
    ],
  ],
  "modules/journal/sector-header.ts": [
    ["maxDetailsBytes", "4", "(5)", "room that is made, not what is written: a byte more stays unused"],
    ["parseDetails", "end < 0", "end <= 0", "four bytes are a CRC of nothing, and nothing overruns"],
    ["parseDetails", "0", "(-1)", "three bytes or fewer have no CRC that fits"],
  ],
  "modules/journal/sector-ring.ts": [
    ["format", "this.#firstSeqs.fill(0);", "", "a survey that found no header found no numbers"],
  ],
  "modules/journal/settled-ranges.ts": [
    [
      "without",
      "return { frontier: this.#frontier, islands: this.#islands };",
      "",
      "without a range to open the loop gives back what it was given",
    ],
    ["hasRoomFor", "i < islands.length", "i <= islands.length", BEHIND_THE_END],
    ["settle", "begin < islands.length", "begin <= islands.length", BEHIND_THE_END],
    ["settle", "end < islands.length", "end <= islands.length", BEHIND_THE_END],
    ["nextPending", "i < this.#islands.length", "i <= this.#islands.length", BEHIND_THE_END],
  ],
  "modules/names/dns-message.ts": [
    ["readRecords", "owner.end + 10", "owner.end - 10", "what is cut off there ends behind the message, too"],
  ],
  "modules/telemetry/publisher.ts": [
    [
      "publishNow",
      'this.#state !== "offline" && this.#state !== "closed"',
      '(this.#state !== "offline") || (this.#state !== "closed")',
      "pump looks at the state itself: nothing goes then",
    ],
    [
      "settled",
      "!this.#options.journal.mark(batch.first, batch.last)",
      "!(!this.#options.journal.mark(batch.first, batch.last))",
      ONLY_A_LOG_LINE,
    ],
  ],
  "modules/telemetry/unsent.ts": [
    ["read", "start < before", "start <= before", "what is found from there on lies not below it"],
    ["read", "first >= before", "first > before", "nothing of it is below: the block is cut to nothing"],
    [
      "read",
      "batch.first > first",
      "batch.first >= first",
      "a batch that begins there is around it, and was passed",
    ],
    ["read", "batch.first < end", "batch.first <= end", "it sets the end to what it is"],
  ],
  "mqtt/connection.ts": [
    ["onPacket", "this.#sincePing.packets++", "this.#sincePing.packets--", "asked is whether there were any"],
    [
      "onOversized",
      "this.#sincePing.packets++",
      "this.#sincePing.packets--",
      "asked is whether there were any",
    ],
    ["send", "false", "true", NOBODY_FOLLOWS],
    ["leave", "false", "true", NOBODY_FOLLOWS],
    ["greet", "false", "true", NOBODY_FOLLOWS],
    ["tellWhy", "0", "(1)", "a packet that waits has used up the window, which is asked next"],
  ],
  "mqtt/session.ts": [
    ["#wasUp", "false", "true", "connect sets it before anything asks"],
    ["#wasHeard", "false", "true", "connect sets it before anything asks"],
    ["connectionEnded", "false", "true", "connect sets it before anything asks again"],
    [
      "connectionEnded",
      "!this.#wasUp && this.#server.failed(reason)",
      "!(!this.#wasUp && this.#server.failed(reason))",
      ONLY_A_LOG_LINE,
    ],
  ],
  "provisioning/http-request.ts": [
    ["takeHead", "length > 0", "length >= 0", "before the first byte there is none, and none is no CR"],
    ["takeRequestLine", "mark < 0", "mark <= 0", "a path begins with a slash"],
    ["originForm", "slash < 0", "slash <= 0", "it is looked for behind http://"],
    ["parseLength", "i < text.length", "i <= text.length", BEHIND_THE_END],
    ["isAscii", "i < text.length", "i <= text.length", BEHIND_THE_END],
    ["isAscii", "0x7e", "(127)", "as a control character 0x7f was refused before"],
  ],
  "wifi/station.ts": [
    ["#looking", "false", "true", "a join sets it, and nobody asks before one"],
    ["stop", "return;", "", "closed it has left everything, and closed it stays"],
    ["lost", "this.candidate?.bssid", "this.candidate.bssid", "what is lost was joined: there is one"],
    ["stayed", "this.at?.ssid", "this.at.ssid", "its timer ends with the address"],
  ],
};

/**
 * Writes the reason beside each mutant that is listed.
 * @param {string[]} files @param {object[]} mutants of the files
 * @returns {string[]} entries that fit no mutant
 */
export function markEquivalent(files, mutants, table = EQUIVALENT) {
  const unfound = [];
  for (const file of files)
    for (const [member, from, to, reason] of table[file] ?? []) {
      const meant = mutants.filter(
        (one) => one.file === file && one.member === member && one.from === from && one.to === to,
      );
      for (const mutant of meant) mutant.equivalent = reason;
      if (meant.length === 0)
        unfound.push(`tools/mutants/equivalent.mjs: ${file} has no "${from}" in ${member}`);
    }
  return unfound;
}
