/**
 * Names for objects of a kernel that a snapshot cannot copy: functions, and objects made of functions. A snapshot holds the name
 * and the arguments of the maker; restoring calls the maker again:
 *
 * ```ts
 * const resets = restorable('Timer.resets', (timer: Timer) => () => timer.reset());
 * device.onReset = resets(timer);
 * ```
 *
 * If a kernel holds a function without a name, a snapshot fails with an error that has its place.
 */

/** How to create a value again. */
export interface Recipe {
  readonly name: string;
  /** The arguments of its maker. */
  readonly captured: readonly unknown[];
}

type Maker = (...captured: readonly unknown[]) => object;

/** A recipe, and the value that belongs to it. Spreading copies the recipe into another object, which is not that value. */
interface OwnRecipe extends Recipe {
  readonly made: object;
}

/**
 * The property that holds the recipe of an object. A `WeakMap` instead would cost more garbage collection than everything else,
 * because each device has a dozen such objects.
 */
const RECIPE = Symbol('recipe');

const makers = new Map<string, Maker>();
/** Objects that exist once in a program. */
const constants = new Map<object, Recipe>();

function register(name: string, make: Maker): void {
  if (makers.has(name)) throw new Error(`restorable: name: '${name}' is taken by another`);
  makers.set(name, make);
}

/**
 * Names a maker, so that its results can be in a snapshot.
 * @param name unique in the program: `my-device.registers`
 * @param make creates a function or an object of functions. When it is restored, plain data among its arguments is complete, but
 *   instances of classes are still empty: it must not read them before the kernel runs
 * @returns a function that calls `make`; its results can be in a snapshot
 * @throws Error if the name is in use
 */
export function restorable<C extends readonly unknown[], T extends object>(
  name: string,
  make: (...captured: C) => T,
): (...captured: C) => T {
  const makeNamed = (...captured: C): T => {
    const made: T & { [RECIPE]?: OwnRecipe } = make(...captured);
    made[RECIPE] = { name, captured, made };
    return made;
  };
  // A recipe has the arguments that its maker was called with.
  register(name, (...captured) => makeNamed(...(captured as unknown as C)));
  return makeNamed;
}

/** Names an object that exists once in the program: a snapshot refers to it by name. @throws Error if the name is in use */
export function constant<T extends object>(name: string, value: T): T {
  register(name, () => value);
  constants.set(value, { name, captured: [] });
  return value;
}

/** The recipe of a value; undefined if no maker with a name has created it. */
export function recipeOf(value: object & { readonly [RECIPE]?: OwnRecipe }): Recipe | undefined {
  const recipe = value[RECIPE];
  return recipe?.made === value ? recipe : constants.get(value);
}

/** Creates a value again. @returns undefined if the name is unknown */
export function makeAgain({ name, captured }: Recipe): object | undefined {
  return makers.get(name)?.(...captured);
}

/** A class whose objects can be in a snapshot, with the fields that a snapshot leaves out. */
export interface RestorableClass {
  readonly name: string;
  readonly prototype: object;
  /** The initial values of the fields that are left out. */
  readonly fresh: Readonly<Record<string, () => unknown>>;
}

/** The restorable classes, by prototype and by name. */
export interface RestorableClasses {
  readonly byPrototype: ReadonlyMap<object, RestorableClass>;
  readonly byName: ReadonlyMap<string, RestorableClass>;
}

const byPrototype = new Map<object, RestorableClass>();
const byName = new Map<string, RestorableClass>();

/** All registered classes. */
export const restorableClasses: RestorableClasses = { byPrototype, byName };

/**
 * Allows objects of a class in snapshots, with all their fields. Private `#` fields cannot be read, so a class with such fields
 * cannot be restored.
 * @param name unique in the program
 * @param type the class
 * @param fresh the fields that are left out, such as caches and callbacks, with functions that return their initial values
 * @throws Error if the name is in use by another class
 */
export function restorableClass(
  name: string,
  type: { readonly prototype: object },
  fresh: RestorableClass['fresh'] = {},
): void {
  const { prototype } = type;
  if (byName.has(name)) throw new Error(`restorableClass: name: '${name}' is taken by another`);
  const registered = { name, prototype, fresh };
  byPrototype.set(prototype, registered);
  byName.set(name, registered);
}
