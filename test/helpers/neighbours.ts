/** Tables of neighbours with something in every entry. */
import { emptyNeighbourTable, type Model, type NeighbourTable } from '../../src/model/model.ts';
import { randomInteger, seededRandom } from './random.ts';

export function randomNeighbours(): NeighbourTable {
  const random = seededRandom(11);
  const table = emptyNeighbourTable();
  for (let i = 0; i < table.weights.length; i++) table.weights[i] = randomInteger(random, 41) - 20;
  for (let i = 0; i < table.steps.length; i++) table.steps[i] = randomInteger(random, 17) - 8;
  return table;
}

/** The model with other tables. */
export const withNeighbours = (model: Model, tables: (condition: number) => readonly NeighbourTable[]): Model => ({
  ...model,
  conditions: model.conditions.map((condition, i) => ({ ...condition, neighbours: tables(i) })),
});

const NO_TABLES = Array.from({ length: 18 }, emptyNeighbourTable);

/** The model as if neighbours told nothing: a poor one then prefers chains to direct coding. */
export const withoutNeighbours = (model: Model): Model => withNeighbours(model, () => NO_TABLES);
