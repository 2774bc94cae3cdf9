/** Examples that --help shows: by command, what follows its name and what that does. */
export const EXAMPLES: Readonly<Record<string, readonly (readonly [words: string, meaning: string])[]>> = {
  compress: [
    ['photo.png', 'writes photo.vdmz beside it'],
    ['photo.png small.vdmz', 'names the output; only a name that ends in .vdmz, or -, is taken as one'],
    ['-r photos/ -o packed/ -j 4', 'writes the tree of photos/ to packed/, four files at once'],
    ['--rm *.png', 'removes each image once its .vdmz file is checked and in place'],
  ],
  decompress: [
    ['photo.vdmz', 'writes photo.png beside it'],
    ['photo.vdmz copy.png', 'names the output; only a name of an image, or -, is taken as one'],
    ['-r -u packed/ -o photos/', 'restores what is missing or out of date in photos/'],
    ['- - < photo.vdmz > copy.png', 'reads standard input and writes standard output'],
  ],
  verify: [
    ['*.vdmz', 'says ok or what is wrong, a line a file'],
    ['-rq packed/ || echo damaged', 'prints errors only; the exit code says the rest; also vdmz -t'],
  ],
  pack: [
    ['icons/ -o icons.vdmza', 'all images below icons/, by their paths'],
    ['*.png -o set.vdmza --effort 4', 'files by their names, with more time for each'],
  ],
  unpack: [
    ['icons.vdmza', 'writes the folder icons/'],
    ['icons.vdmza small/ a.png -o copy/', 'some of it to another folder'],
    ['-tq icons.vdmza || echo damaged', 'decodes all of it and writes nothing'],
  ],
  list: [['icons.vdmza', 'name and size of each image']],
  preview: [
    ['photo.vdmz', 'writes photo.preview.png, a quarter of the height and width'],
    ['--scale 1/8 -r packed/ -o thumbnails/', 'a thumbnail of each file'],
    [
      '--scale 1/16 - - < partial.vdmz > thumb.png',
      'of a file that is cut off; one of --method gaussian has a small image at its start',
    ],
  ],
  info: [
    ['photo.vdmz', 'size, model and parts'],
    ['--json *.vdmz', 'a line of JSON for each file'],
  ],
  eval: [
    ['--effort 2 photos/', 'bits per dim of each image in the folder, their total and mean'],
    ['--json --limit 10 cifar-10/', 'the first ten test images, as JSON'],
  ],
  progressive: [['photo.vdmz', 'writes photo.progressive.png, .csv and .svg']],
  sample: [
    ['grid.png --size 32x32 --count 16', 'sixteen small images, four in a row'],
    ['guess.png --from photo.png --scale 1/8', 'what the model makes of an eighth of the height and width'],
  ],
  interpolate: [['a.png b.png row.png --count 9 --noise 0.7', 'nine images from a to b, much of them drawn anew']],
  train: [
    ['--config models/photo-6/config.json --data photos/ --out run/', 'starts a run'],
    ['--config models/photo-6/config.json --data photos/ --out run/ --resume', 'goes on with it'],
    ['--config models/photo-6/config.json --data photos/ --dry-run --schedule cosine', 'tries another schedule'],
  ],
  export: [['--run run/ --out models/mine', 'writes the model of a run']],
  completion: [
    ['bash >> ~/.bashrc', 'for bash, from the next shell on'],
    ['zsh >> ~/.zshrc', 'for zsh, after its compinit'],
    ['fish > ~/.config/fish/completions/vdmz.fish', 'for fish'],
  ],
};
