import { AddressList } from "../../cloud/access/addresses";
import { Admission } from "../../cloud/api/admission";
import { operationsOf } from "../../cloud/api/api";
import type { Operation } from "../../cloud/api/http/operation";
import type { ApiParts } from "../../cloud/api/parts";

/** All that the API can do, described; none of it is run. */
export function operationsForTests(): Operation[] {
  const parts = { publicUrl: "https://cloud.example", version: "0.0.0" } as ApiParts;
  return operationsOf(parts, new Admission({ parts, peopleFrom: new AddressList([]) }));
}
