/**
 * What a kernel keeps and a snapshot cannot copy: functions, and objects made of functions. Each has a name here. A snapshot
 * holds the name and what the function works on, and restoring makes it again:
 *
 * ```ts
 * const resets = restorable('Timer.resets', (timer: Timer) => () => timer.reset());
 * device.onReset = resets(timer);
 * ```
 *
 * A function that is kept and has no name ends a snapshot with an error that says where it is.
 */

/** How a value is made again. */
export interface Recipe {
  readonly name: string;
  /** What its maker was called with. */
  readonly captured: readonly unknown[];
}

type Maker = (...captured: readonly unknown[]) => object;

/** A recipe, and what it made: a copy of that, as spreading makes one, is something else. */
interface OwnRecipe extends Recipe {
  readonly made: object;
}

/**
 * Where an object has its recipe. It is a property and no `WeakMap`, which costs garbage collection more than all the rest: each
 * device has a dozen.
 */
const RECIPE = Symbol('recipe');

const makers = new Map<string, Maker>();
/** What there is once. */
const constants = new Map<object, Recipe>();

function register(name: string, make: Maker): void {
  if (makers.has(name)) throw new Error(`restorable: name: '${name}' is taken by another`);
  makers.set(name, make);
}

/**
 * Gives what a function makes a name.
 * @param name unique in the program: `my-device.registers`
 * @param make makes a function or an object of functions. When it is restored, plain data among its arguments is complete, and
 *   instances of classes are there but empty: it must not look into these before the kernel runs
 * @returns the same function; what it returns can be in a snapshot
 * @throws Error if the name is taken
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

/** Names an object that there is once in the program: a snapshot refers to it. @throws Error if the name is taken */
export function constant<T extends object>(name: string, value: T): T {
  register(name, () => value);
  constants.set(value, { name, captured: [] });
  return value;
}

/** How a value is made; undefined for one that was not made by a function with a name. */
export function recipeOf(value: object & { readonly [RECIPE]?: OwnRecipe }): Recipe | undefined {
  const recipe = value[RECIPE];
  return recipe?.made === value ? recipe : constants.get(value);
}

/** Makes a value again. @returns undefined if there is no such name */
export function makeAgain({ name, captured }: Recipe): object | undefined {
  return makers.get(name)?.(...captured);
}

/** A class whose objects can be in a snapshot, and the fields that are left out of it: each begins anew in a restored object. */
export interface RestorableClass {
  readonly name: string;
  readonly prototype: object;
  /** What the other fields begin with. */
  readonly fresh: Readonly<Record<string, () => unknown>>;
}

/** The classes, by prototype and by name. */
export interface RestorableClasses {
  readonly byPrototype: ReadonlyMap<object, RestorableClass>;
  readonly byName: ReadonlyMap<string, RestorableClass>;
}

const byPrototype = new Map<object, RestorableClass>();
const byName = new Map<string, RestorableClass>();

/** Those that have a name. */
export const restorableClasses: RestorableClasses = { byPrototype, byName };

/**
 * Lets objects of a class be in snapshots, with all their fields. Fields that begin with `#` are not seen: such a class cannot be
 * restored.
 * @param name unique in the program
 * @param type the class
 * @param fresh fields that are left out, and what they begin with in a restored object: caches, and functions that wait
 * @throws Error if the name is taken by another class
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
