/**
 * In the place of the SDK's `embedded:provider/builtin`, which the global `System` asks for: the SDK's lists every
 * kind of IO of the board, and so links all of it. Ours is named where it is used.
 */
export default {};
