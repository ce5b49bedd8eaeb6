// The theme brings its icons twice. As a font they are enough; as a script they weigh half a megabyte.
