// What a resident is: the persona package, its imports and its token account.
