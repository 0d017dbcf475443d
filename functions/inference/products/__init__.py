"""A product cut out of its photo, with how sure that is; a bad one is refused with a reason that one can act on.

| module       | step                                                                                |
|--------------|-------------------------------------------------------------------------------------|
| cut          | all of them: a file's bytes to a `CutOut` or a refusal                              |
| reading      | the file: colours as they are below transparency, and its alpha                     |
| own_alpha    | whether the file's alpha is a cut-out already                                       |
| looking      | the net's two looks, on the whole photo and on the part around the product          |
| ground       | a smooth model of a plain ground                                                    |
| chroma       | colour edges back onto light's (JPEG stores them at half the resolution)            |
| region       | the product: what ground and baked shadow do not explain; holes                     |
| edge         | alpha in a band along the outline, by `matting` (closed form) and by colour         |
| spreading    | colours carried from where they are known to where they are not                     |
| finishing    | the photo's own size; the product's own colours in the outline, without the ground  |
| confidence   | measures of sureness, and the doubts that follow                                    |
| dimensions   | a stated size, and whether the cut-out can be that product                          |
| viewpoint    | tilt, azimuth and field of view of the photo, each with an interval or undetermined     |
| doubts       | codes and words                                                                     |
"""
