#include "photos/picture_color.h"

#include <lcms2.h>

static bool
is_srgb(cmsHPROFILE profile)
{
    char name[128];

    return cmsGetProfileInfoASCII(profile, cmsInfoDescription, "en", "US", name, sizeof name) > 0 &&
           strstr(name, "sRGB");
}

static void
convert(struct pixels *pixels, cmsHPROFILE from, cmsHPROFILE to)
{
    cmsHTRANSFORM transform =
        cmsCreateTransform(from, TYPE_RGB_8, to, TYPE_RGB_8, INTENT_PERCEPTUAL, 0);

    if (!transform)
        return;
    cmsDoTransform(transform, pixels->rgb, pixels->rgb, pixels->width * pixels->height);
    cmsDeleteTransform(transform);
}

void
picture_color_to_srgb(struct pixels *pixels, struct slice profile)
{
    cmsHPROFILE from, to;

    if (profile.length == 0 || profile.length > UINT32_MAX)
        return;
    from = cmsOpenProfileFromMem(profile.data, (cmsUInt32Number)profile.length);
    to = cmsCreate_sRGBProfile();
    if (from && to && cmsGetColorSpace(from) == cmsSigRgbData && !is_srgb(from))
        convert(pixels, from, to);
    if (from)
        cmsCloseProfile(from);
    if (to)
        cmsCloseProfile(to);
}

bool
picture_color_try(void)
{
    /* Display P3 with a plain gamma. */
    const cmsCIExyY white = {0.3127, 0.3290, 1};
    const cmsCIExyYTRIPLE primaries = {{0.680, 0.320, 1}, {0.265, 0.690, 1}, {0.150, 0.060, 1}};
    cmsToneCurve *gamma = cmsBuildGamma(NULL, 2.2);
    cmsToneCurve *const curves[] = {gamma, gamma, gamma};
    cmsHPROFILE profile = gamma ? cmsCreateRGBProfile(&white, &primaries, curves) : NULL;
    unsigned char color[] = {200, 60, 60};
    struct pixels pixel = {1, 1, color};
    char bytes[4096];
    cmsUInt32Number length = sizeof bytes;

    if (profile && cmsSaveProfileToMem(profile, bytes, &length))
        picture_color_to_srgb(&pixel, (struct slice){bytes, length});
    if (profile)
        cmsCloseProfile(profile);
    cmsFreeToneCurve(gamma);
    return color[0] > 210 && color[1] < 50;
}
