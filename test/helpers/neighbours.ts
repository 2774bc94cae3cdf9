/** Tables of neighbours with something in every entry. */
import { emptyNeighbourTable, type NeighbourTable } from '../../src/model/model.ts';
import { randomInteger, seededRandom } from './random.ts';

export function randomNeighbours(): NeighbourTable {
  const random = seededRandom(11);
  const table = emptyNeighbourTable();
  for (let i = 0; i < table.weights.length; i++) table.weights[i] = randomInteger(random, 41) - 20;
  for (let i = 0; i < table.steps.length; i++) table.steps[i] = randomInteger(random, 17) - 8;
  return table;
}
