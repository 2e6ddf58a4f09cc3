/*
 * Everything in the heap, a line each on the standard output; tools/bench/xs/census.ts says who owns what. Words of a
 * slot's value are written as they are: what they refer to is for the reader to tell, by where they point.
 *
 *   @slot <address> <kind> <flag> <id> <next> <word> <word>   in RAM, free ones included
 *   @rom …                                                    the same, of the preloaded part, in flash on a device
 *   @intrinsic …                                              a slot of the preloaded part's stack: the engine's own objects
 *   @item <chunk> …                                           a slot inside a chunk: an array's element
 *   @chunk <address of its data> <bytes, with header> <word> …
 *   @free <address>                                           of a slot that is free
 *   @root <name> <address>                                    of a slot
 *   @stack <n> …                                              a slot of the stack, the first at the top
 *   @copy <chunk> <address>                                   the bytecode in this chunk is the same as there, in flash
 *   @script <address> <bytes> <name>                          bytecode of a module that is not preloaded
 *   @key <id> <text>
 *   @end
 */
#define _GNU_SOURCE
#include "xsAll.h"
#include "xs.h"
#include "bench.h"

static const char *const kinds[] = {
	[XS_UNDEFINED_KIND] = "undefined", [XS_NULL_KIND] = "null", [XS_BOOLEAN_KIND] = "boolean",
	[XS_INTEGER_KIND] = "integer", [XS_NUMBER_KIND] = "number", [XS_STRING_KIND] = "string",
	[XS_STRING_X_KIND] = "string_x", [XS_SYMBOL_KIND] = "symbol", [XS_BIGINT_KIND] = "bigint",
	[XS_BIGINT_X_KIND] = "bigint_x", [XS_REFERENCE_KIND] = "reference", [XS_CLOSURE_KIND] = "closure",
	[XS_FRAME_KIND] = "frame", [XS_INSTANCE_KIND] = "instance", [XS_ARGUMENTS_SLOPPY_KIND] = "arguments_sloppy",
	[XS_ARGUMENTS_STRICT_KIND] = "arguments_strict", [XS_ARRAY_KIND] = "array",
	[XS_ARRAY_BUFFER_KIND] = "array_buffer", [XS_CALLBACK_KIND] = "callback", [XS_CALLBACK_X_KIND] = "callback_x",
	[XS_CODE_KIND] = "code", [XS_CODE_X_KIND] = "code_x", [XS_DATE_KIND] = "date", [XS_DATA_VIEW_KIND] = "data_view",
	[XS_GLOBAL_KIND] = "global", [XS_HOST_KIND] = "host", [XS_MAP_KIND] = "map", [XS_MODULE_KIND] = "module",
	[XS_PROGRAM_KIND] = "program", [XS_PROMISE_KIND] = "promise", [XS_PROXY_KIND] = "proxy",
	[XS_REGEXP_KIND] = "regexp", [XS_SET_KIND] = "set", [XS_TYPED_ARRAY_KIND] = "typed_array",
	[XS_WEAK_MAP_KIND] = "weak_map", [XS_WEAK_REF_KIND] = "weak_ref", [XS_WEAK_SET_KIND] = "weak_set",
	[XS_ACCESSOR_KIND] = "accessor", [XS_AT_KIND] = "at", [XS_ENTRY_KIND] = "entry", [XS_ERROR_KIND] = "error",
	[XS_HOME_KIND] = "home", [XS_KEY_KIND] = "key", [XS_KEY_X_KIND] = "key_x", [XS_LIST_KIND] = "list",
	[XS_PRIVATE_KIND] = "private", [XS_STACK_KIND] = "stack", [XS_HOST_FUNCTION_KIND] = "host_function",
	[XS_EXPORT_KIND] = "export", [XS_WEAK_ENTRY_KIND] = "weak_entry", [XS_BUFFER_INFO_KIND] = "buffer_info",
	[XS_IDS_KIND] = "ids",
};

static void fields(const txSlot *slot)
{
	const uintptr_t *words = (const uintptr_t *)&slot->value;
	const int known = slot->kind >= 0 && slot->kind < (int)(sizeof kinds / sizeof *kinds) && kinds[slot->kind];
	printf("%lx %s %d %d %lx %lx %lx\n", (long)slot, known ? kinds[slot->kind] : "other", slot->flag, slot->ID,
		(long)slot->next, (long)words[0], (long)words[1]);
}

static int isChunk(txMachine *the, const void *data)
{
	for (txBlock *block = the->firstBlock; block; block = block->nextBlock)
		if ((txByte *)(block + 1) <= (txByte *)data && (txByte *)data < block->current)
			return 1;
	return 0;
}

static void items(txMachine *the, const txSlot *slot)
{
	switch (slot->kind) {
	case XS_ARGUMENTS_SLOPPY_KIND:
	case XS_ARGUMENTS_STRICT_KIND:
	case XS_ARRAY_KIND:
	case XS_STACK_KIND:
		break;
	default:
		return;
	}
	txSlot *item = slot->value.array.address;
	if (!item || !isChunk(the, item))
		return;
	txIndex room = (txIndex)(((txChunk *)item)[-1].size - sizeof(txChunk)) / sizeof(txSlot);
	for (txIndex i = 0; i < room && i < slot->value.array.length; i++) {
		printf("@item %lx ", (long)slot->value.array.address);
		fields(item + i);
	}
}

/* Where bytecode in flash lies: the first and the last beginning of a function, and what a function may be long. */
enum { longest = 16 * 1024 };
static const txByte *codeBegin;
static const txByte *codeEnd;

static void extend(const txByte *begin, const txByte *end)
{
	if (!codeBegin || begin < codeBegin)
		codeBegin = begin;
	if (end > codeEnd)
		codeEnd = end;
}

static void copies(txMachine *the, const txSlot *slot)
{
	if (slot->kind != XS_CODE_KIND || !isChunk(the, slot->value.code.address))
		return;
	const txByte *code = slot->value.code.address;
	txSize size = ((txChunk *)code)[-1].size - (txSize)sizeof(txChunk);
	/* Its padding is not in flash. */
	const txByte *found = memmem(codeBegin, (size_t)(codeEnd - codeBegin), code, (size_t)size - sizeof(size_t) + 1);
	printf("@copy %lx %lx\n", (long)code, (long)found);
}

void xs_bench_census(xsMachine *the)
{
	fxCollectGarbage(the);
	xs_bench_print(the);
}

void xs_bench_print(txMachine *the)
{
	txPreparation *preparation = the->preparation;
	codeBegin = codeEnd = NULL;
	for (txSize i = 0; i < preparation->scriptCount; i++) {
		txScript *script = &preparation->scripts[i];
		printf("@script %lx %d %s\n", (long)script->codeBuffer, (int)script->codeSize, script->path);
		extend(script->codeBuffer, script->codeBuffer + script->codeSize);
	}
	for (txSize i = 0; i < preparation->heapCount; i++) {
		txSlot *slot = &preparation->heap[i];
		printf("@rom ");
		fields(slot);
		if (slot->kind == XS_CODE_X_KIND)
			extend(slot->value.code.address, slot->value.code.address);
	}
	for (txSize i = 0; i < preparation->stackCount; i++) {
		printf("@intrinsic ");
		fields(&preparation->stack[i]);
	}
	for (txSlot *heap = the->firstHeap; heap; heap = heap->next)
		if (heap->flag == 0 && heap->kind == 0 && heap->value.reference > heap)
			for (txSlot *slot = heap + 1; slot < heap->value.reference; slot++) {
				printf("@slot ");
				fields(slot);
				items(the, slot);
				copies(the, slot);
			}
	for (txSlot *slot = the->freeHeap; slot; slot = slot->next)
		printf("@free %lx\n", (long)slot);
	for (txBlock *block = the->firstBlock; block; block = block->nextBlock)
		for (txByte *data = (txByte *)(block + 1); data < block->current;) {
			txChunk *chunk = (txChunk *)data;
			printf("@chunk %lx %d", (long)(chunk + 1), (int)chunk->size);
			const uintptr_t *words = (const uintptr_t *)(chunk + 1);
			for (txSize i = 0; i < (chunk->size - (txSize)sizeof(txChunk)) / (txSize)sizeof(*words); i++)
				printf(" %lx", (long)words[i]);
			printf("\n");
			data += chunk->size;
		}
	for (txSlot *slot = the->stackTop - 1; slot >= the->stack; slot--) {
		printf("@stack %d ", (int)(the->stackTop - slot));
		fields(slot);
	}
	for (txSlot *slot = the->cRoot; slot; slot = slot->next) {
		printf("@root native %lx\n", (long)slot);
		if (slot->kind == XS_REFERENCE_KIND)
			printf("@root native %lx\n", (long)slot->value.reference);
	}
	for (txID i = 0; i < the->aliasCount; i++)
		if (the->aliasArray[i])
			printf("@root alias %lx\n", (long)the->aliasArray[i]);
	for (txID i = 0; i < the->keyIndex - the->keyOffset; i++)
		printf("@root key %lx\n", (long)the->keyArray[i]);
	for (txID id = 1; id < the->keyIndex; id++)
		printf("@key %d %s\n", (int)id, fxGetKeyString(the, id, NULL));
	printf("@end\n");
	fflush(stdout);
}
